"""The form of a Clust account's answers without anyone's values: recorded by the doctor, played by the stand-in."""
