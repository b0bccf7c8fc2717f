"""What makes a signed notification doubtful.

Alipay signs ``k=v`` pairs joined raw by ``&``. A genuine message about a cheap trade, some value of which holds
``&out_trade_no=...``, can be cut into other fields that have the same signature. However it is cut, the rest of the
genuine text has to go somewhere: into a value, which then holds ``&name=``, or into fields that the platform does not
document. Such a message may still be genuine, so it is not refused: the trade is asked about, and the answer decides.
"""

import re
from collections.abc import Mapping

_USUAL_TYPE = "trade_status_sync"
_JOINED = re.compile(r"&[^&=]*=")


def find_doubts(params: Mapping[str, str], known: Mapping[str, frozenset[str]]) -> str:
    """Which fields are not documented for the message's type, or hold ``&name=``; "" where there are none."""
    documented = known.get(params.get("notify_type") or _USUAL_TYPE)
    if documented is None:
        return "notify_type"
    odd = (name for name, value in params.items() if name not in documented or _JOINED.search(value))
    return " ".join(sorted(odd))[:200]
