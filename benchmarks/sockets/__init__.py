"""What `benchmarks.live` starts: two kinds of server, and the crowd that is the client of both."""
