package org.mailstead.workmail.server;

import java.util.LinkedHashMap;
import java.util.Map;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.Tags;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.shapes.ErrorCode;
import org.mailstead.workmail.wire.shapes.ListTagsForResourceRequest;
import org.mailstead.workmail.wire.shapes.ListTagsForResourceResponse;
import org.mailstead.workmail.wire.shapes.Tag;
import org.mailstead.workmail.wire.shapes.TagResourceRequest;
import org.mailstead.workmail.wire.shapes.TagResourceResponse;
import org.mailstead.workmail.wire.shapes.UntagResourceRequest;
import org.mailstead.workmail.wire.shapes.UntagResourceResponse;

/// Tags of organizations.
final class TagHandler {
  private final Directory directory;
  private final String region;

  TagHandler(Directory directory, String region) {
    this.directory = directory;
    this.region = region;
  }

  TagResourceResponse tag(Call call, TagResourceRequest request) {
    OrganizationId organization = organization(call, request.resourceArn());
    Map<String, String> tags = new LinkedHashMap<>();
    for (Tag tag : request.tags()) {
      if (tags.put(tag.key(), tag.value()) != null) {
        throw Refusals.invalid("The tag key " + tag.key() + " is given twice.");
      }
    }
    directory.tags().put(call.change(), organization, tags);
    return new TagResourceResponse();
  }

  UntagResourceResponse untag(Call call, UntagResourceRequest request) {
    OrganizationId organization = organization(call, request.resourceArn());
    try {
      directory.tags().remove(call.change(), organization, request.tagKeys());
    } catch (DirectoryRefusedException e) {
      throw withoutState(e);
    }
    return new UntagResourceResponse();
  }

  ListTagsForResourceResponse list(Call call, ListTagsForResourceRequest request) {
    OrganizationId organization = organization(call, request.resourceArn());
    try {
      return new ListTagsForResourceResponse(
          directory.tags().list(organization).entrySet().stream()
              .map(tag -> new Tag(tag.getKey(), tag.getValue()))
              .toList());
    } catch (DirectoryRefusedException e) {
      throw withoutState(e);
    }
  }

  /// The ARN's organization, which must be the caller's.
  private OrganizationId organization(Call call, String arn) {
    OrganizationId id =
        Tags.organization(arn, region, call.account()).orElseThrow(TagHandler::notFound);
    try {
      return directory.organizations().load(call.account(), id).id();
    } catch (DirectoryRefusedException e) {
      throw notFound();
    }
  }

  /// Two of the operations do not know that organizations have states: one that is on its way out
  /// is not there for them.
  private static RuntimeException withoutState(DirectoryRefusedException refused) {
    return refused.reason() == DirectoryRefusal.ORGANIZATION_STATE ? notFound() : refused;
  }

  private static ApiException notFound() {
    return new ApiException(ErrorCode.RESOURCE_NOT_FOUND, "The resource was not found.");
  }
}
