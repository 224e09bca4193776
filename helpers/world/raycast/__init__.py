"""From a scene as data to a picture and its exact depth: rays, surfaces, light."""
