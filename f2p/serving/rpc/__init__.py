"""A gRPC call in the server's process: authentication, admission, deadlines, statuses."""
