"""What views are built of: blocks, mrkdwn, form elements, ids. Pure."""
