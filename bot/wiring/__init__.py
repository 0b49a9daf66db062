"""Join the parts of the bot: `composition` opens them, and `process` runs them until the process is stopped.

`workspaces` knows which workspaces are served, and `open_workspace` opens one. `supervisor` runs the workers, and
`serving` receives what Slack sends.
"""
