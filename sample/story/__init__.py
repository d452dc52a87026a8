"""The invented year of Northwind Coffee: who vouched, who bought, and what led to each order."""
