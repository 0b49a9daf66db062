"""What joins the parts of the bot: `composition` opens them all, and `process` runs them until the process is stopped.

`workspaces` opens workspaces, `supervisor` runs what works for them, `serving` takes what Slack sends.
"""
