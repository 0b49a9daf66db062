"""HTTP servers and their limits.

`server` serves an application on a port. `connection_limits` and `body_limits` bound what strangers can use up.
`base_app` is what both servers share, and `probes` is the application for operators.
"""
