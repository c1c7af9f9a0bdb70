package org.mailstead.core.directory;

/// Why a connected directory cannot be used now.
///
/// @param refusesService it answers, but not to the service's own bind DN and password
/// @param text for whoever runs the directory: no secrets
public record DirectoryProblem(boolean refusesService, String text) {}
