"""Why an image is as large as it is, and what to type to change that: measured, no byte counted twice."""
