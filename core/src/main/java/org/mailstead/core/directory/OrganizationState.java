package org.mailstead.core.directory;

/// States of an organization (ORG-4) with the text that the API shows.
public enum OrganizationState {
  REQUESTED("Requested"),
  CREATING("Creating"),
  VALIDATING("Validating"),
  ACTIVE("Active"),
  IMPAIRED("Impaired"),
  INACTIVE("Inactive"),
  FAILED("Failed"),
  DELETING("Deleting"),
  DELETED("Deleted");

  private final String text;

  OrganizationState(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }
}
