"""Join the parts of the bot: `composition` opens them, and `process` runs them until the process is stopped.

`workspaces` opens workspaces, `supervisor` runs the workers, `serving` receives what Slack sends.
"""
