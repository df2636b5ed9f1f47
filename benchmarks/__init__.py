"""What layerscope costs, beside dive on the same image in one run and as images grow, and what it saves.

    python -m benchmarks image IMAGE…    time and memory beside dive
    python -m benchmarks scale           10,000, 100,000 and 1,000,000 entries, and start-up
    python -m benchmarks advice          each fix of findings built, beside what it is said to save

All print Markdown. How it is measured and what it should be: README.md in this folder.
"""
