"""Characters as files for games: glTF binary with textures, morph targets, bones and hair cards."""
