"""The door of load balancers and monitoring: each page is an include of its own."""
