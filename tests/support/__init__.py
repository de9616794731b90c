"""What the black-box suites share: the program as a process, a strict client, schemas, images."""
