"""The last step: may this night be published (gate), and how readers get it whole (night)."""
