package org.mailstead.core.directory;

import org.mailstead.base.Refusal;

/// Why the directory says no, as finely as the WorkMail API tells it apart. Each constant but the
/// last is one WorkMail exception; [#kind] is the coarse reason for everybody else.
public enum DirectoryRefusal {
  /// InvalidParameterException.
  INVALID_PARAMETER(Refusal.INVALID),
  /// OrganizationNotFoundException: unknown, or of another account.
  ORGANIZATION_NOT_FOUND(Refusal.NOT_FOUND),
  /// OrganizationStateException.
  ORGANIZATION_STATE(Refusal.WRONG_STATE),
  /// EntityNotFoundException.
  ENTITY_NOT_FOUND(Refusal.NOT_FOUND),
  /// ResourceNotFoundException: what the organization keeps beside its entities (a rule, a role, a
  /// configuration, a token), or a tagged resource.
  RESOURCE_NOT_FOUND(Refusal.NOT_FOUND),
  /// EntityStateException.
  ENTITY_STATE(Refusal.WRONG_STATE),
  /// EntityAlreadyRegisteredException: enabled already, with another address.
  ENTITY_ALREADY_REGISTERED(Refusal.WRONG_STATE),
  /// EmailAddressInUseException.
  EMAIL_ADDRESS_IN_USE(Refusal.ALREADY_EXISTS),
  /// MailDomainNotFoundException.
  MAIL_DOMAIN_NOT_FOUND(Refusal.NOT_FOUND),
  /// MailDomainStateException: not verified.
  MAIL_DOMAIN_STATE(Refusal.WRONG_STATE),
  /// MailDomainInUseException: used by another organization, or by an address, or it is the
  /// default.
  MAIL_DOMAIN_IN_USE(Refusal.IN_USE),
  /// NameAvailabilityException.
  NAME_AVAILABILITY(Refusal.ALREADY_EXISTS),
  /// ReservedNameException.
  RESERVED_NAME(Refusal.RESERVED),
  /// InvalidConfigurationException: a resource that neither accepts by itself nor has a delegate.
  INVALID_CONFIGURATION(Refusal.INVALID),
  /// TooManyTagsException.
  TOO_MANY_TAGS(Refusal.LIMIT_REACHED),
  /// InvalidPasswordException; the text names the broken rule.
  INVALID_PASSWORD(Refusal.INVALID),
  /// LimitExceededException. Where an operation does not declare it (CreateUser), its handler
  /// answers InvalidParameterException with the same text.
  LIMIT_EXCEEDED(Refusal.LIMIT_REACHED),
  /// UnsupportedOperationException: system users and groups, read-only directories.
  UNSUPPORTED_OPERATION(Refusal.NOT_SUPPORTED),
  /// DirectoryInUseException.
  DIRECTORY_IN_USE(Refusal.IN_USE),
  /// DirectoryUnavailableException: no such directory, or it does not answer.
  DIRECTORY_UNAVAILABLE(Refusal.NOT_FOUND),
  /// The connected directory refuses the service's own bind.
  DIRECTORY_SERVICE_AUTHENTICATION_FAILED(Refusal.FORBIDDEN),
  /// No WorkMail exception: an account or access key that does not exist.
  ACCOUNT_NOT_FOUND(Refusal.NOT_FOUND);

  private final Refusal kind;

  DirectoryRefusal(Refusal kind) {
    this.kind = kind;
  }

  public Refusal kind() {
    return kind;
  }
}
