#version 330
// Only the depth is kept.

void main() {}
