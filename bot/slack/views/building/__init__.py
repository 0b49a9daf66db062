"""What views are built from: blocks, mrkdwn, form elements, IDs. Pure."""
