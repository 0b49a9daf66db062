"""What the bot believes of Clust's API by its names, and how an operator corrects them."""
