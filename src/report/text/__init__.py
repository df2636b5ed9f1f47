"""What is printed: the summary, the gate's table, the advice, the packages."""
