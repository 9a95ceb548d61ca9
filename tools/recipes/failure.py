"""The one error of the recipes."""


class RecipeError(Exception):
    """What couldn't be made and why, for the person who runs the command."""
