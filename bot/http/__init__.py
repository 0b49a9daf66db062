"""What listens: the HTTP entry for Slack and its limits, and the probes of operators.

`entry` takes what Slack sends, `payloads` knows its shapes, `bodies` and `visitors` what strangers may cost; `serving`
runs an application on a port, and `probes` is the one for operators.
"""
