"""What deserves a line in a review: for SARIF, for GitLab's Code Quality and for GitHub's annotations."""
