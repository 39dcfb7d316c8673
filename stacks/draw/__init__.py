"""A site as a picture: plan → scene → layout → SVG, each step a pure function."""
