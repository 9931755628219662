"""Features that this Python has."""
annotations = division = absolute_import = print_function = unicode_literals = generators = nested_scopes = with_statement = generator_stop = True
all_feature_names = ["annotations"]
