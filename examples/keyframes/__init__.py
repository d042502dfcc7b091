"""Keys for the sample clip, painted by programs: python -m examples.keyframes FOLDER"""
