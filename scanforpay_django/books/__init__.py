"""The books: what platforms say of each day, and the ledger. A platform's files are read in its wallet's package."""
