"""What the office and its sync app both need to answer a partner."""
