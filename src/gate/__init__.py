"""Rules, thresholds and verdicts over an `Analysis`."""
