"""What operators see of the server: metrics, traces, probes."""
