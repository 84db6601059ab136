"""The skin of judgements: what the report, the comparison and the check of labels ask for and show."""
