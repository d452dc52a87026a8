"""The last step: whether this version may be published (`gate`), and how readers get it whole (`version`)."""
