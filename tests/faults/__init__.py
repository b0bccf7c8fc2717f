"""Two to four of the sandbox's faults in one story: for each wallet, with the clock moved until all has ended."""
