"""HTTP servers and their limits.

`server` runs an application on a port, `connection_limits` and `body_limits` say what strangers may cost, `routes` is
what both servers have in common, and `probes` the application for operators.
"""
