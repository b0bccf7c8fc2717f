"""What the drivers for Python share: calls come in as lines of JSON, answers go out so."""

import json
import sys
import traceback


def serve(handlers):
    """Answer until the input ends. What a handler raises is the answer's error."""
    out, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = {"answer": handlers[asked["call"]](**asked["given"])}
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        out.write(json.dumps(answer) + "\n")
        out.flush()
