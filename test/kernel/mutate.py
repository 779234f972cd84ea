def mutate(base, rng): pass
