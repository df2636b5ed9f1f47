"""Which package brought the bytes: the databases of package managers in the tree, held against its files."""
