package org.mailstead.core.access;

/// What a rule does when it matches.
public enum AccessEffect {
  ALLOW,
  DENY
}
