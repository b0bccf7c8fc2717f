"""The chain: each row that stays as it is gets a link, whose digest under a key holds that of the link before.

``follow`` writes it, ``gaps`` says what goes away rightly, ``segments`` begins anew after a recovery, ``roots`` makes
its end known outside, ``verify`` checks it.
"""
