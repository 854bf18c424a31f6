"""The plugin host: what a plugin is, where it lies, how it is installed, loaded, called and switched off."""
