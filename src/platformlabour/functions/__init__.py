"""What platform work is for: a codebook of functions, agreement between coders, positions on the triangle."""
