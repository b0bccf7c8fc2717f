"""What the reconciliation page shows of bills, days and differences."""
