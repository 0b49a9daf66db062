"""Work Objects in the stand-in for Slack: links that people paste, their cards, and the pane beside one."""
