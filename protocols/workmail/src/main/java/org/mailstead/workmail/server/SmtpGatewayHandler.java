package org.mailstead.workmail.server;

import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.flow.SmtpGateway.Terms;
import org.mailstead.core.flow.SmtpGateways;
import org.mailstead.workmail.wire.shapes.CreateSmtpGatewayRequest;
import org.mailstead.workmail.wire.shapes.CreateSmtpGatewayResponse;
import org.mailstead.workmail.wire.shapes.DeleteSmtpGatewayRequest;
import org.mailstead.workmail.wire.shapes.DeleteSmtpGatewayResponse;
import org.mailstead.workmail.wire.shapes.DescribeSmtpGatewayRequest;
import org.mailstead.workmail.wire.shapes.DescribeSmtpGatewayResponse;
import org.mailstead.workmail.wire.shapes.ListSmtpGatewaysRequest;
import org.mailstead.workmail.wire.shapes.ListSmtpGatewaysResponse;
import org.mailstead.workmail.wire.shapes.SmtpGateway;
import org.mailstead.workmail.wire.shapes.UpdateSmtpGatewayRequest;
import org.mailstead.workmail.wire.shapes.UpdateSmtpGatewayResponse;

/// SMTP gateways (FLW-5). Passwords go in and never come out.
final class SmtpGatewayHandler {
  private final SmtpGateways gateways;
  private final PageTokens tokens;

  SmtpGatewayHandler(SmtpGateways gateways, PageTokens tokens) {
    this.gateways = gateways;
    this.tokens = tokens;
  }

  CreateSmtpGatewayResponse create(Call call, CreateSmtpGatewayRequest request) {
    String id =
        gateways.create(
            call.change(),
            new OrganizationId(request.organizationId()),
            new Terms(
                request.name(),
                request.host(),
                request.port(),
                request.userName(),
                request.password()),
            request.clientToken());
    return CreateSmtpGatewayResponse.builder().smtpGatewayId(id).build();
  }

  UpdateSmtpGatewayResponse update(Call call, UpdateSmtpGatewayRequest request) {
    gateways.update(
        call.change(),
        new OrganizationId(request.organizationId()),
        request.smtpGatewayId(),
        new Terms(
            request.name(),
            request.host(),
            request.port(),
            request.userName(),
            request.password()));
    return new UpdateSmtpGatewayResponse();
  }

  DeleteSmtpGatewayResponse delete(Call call, DeleteSmtpGatewayRequest request) {
    gateways.delete(
        call.change(), new OrganizationId(request.organizationId()), request.smtpGatewayId());
    return new DeleteSmtpGatewayResponse();
  }

  DescribeSmtpGatewayResponse describe(Call call, DescribeSmtpGatewayRequest request) {
    org.mailstead.core.flow.SmtpGateway found =
        gateways.load(new OrganizationId(request.organizationId()), request.smtpGatewayId());
    return DescribeSmtpGatewayResponse.builder()
        .smtpGatewayId(found.id())
        .name(found.terms().name())
        .host(found.terms().host())
        .port(found.terms().port())
        .userName(found.terms().userName())
        .dateCreated(found.created())
        .dateModified(found.modified())
        .build();
  }

  ListSmtpGatewaysResponse list(Call call, ListSmtpGatewaysRequest request) {
    String context = "ListSmtpGateways " + request.organizationId();
    Listing<org.mailstead.core.flow.SmtpGateway> page =
        gateways.list(
            new OrganizationId(request.organizationId()),
            tokens.page(context, request.maxResults(), request.nextToken()));
    return ListSmtpGatewaysResponse.builder()
        .smtpGateways(page.items().stream().map(SmtpGatewayHandler::gateway).toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  private static SmtpGateway gateway(org.mailstead.core.flow.SmtpGateway found) {
    return SmtpGateway.builder()
        .smtpGatewayId(found.id())
        .name(found.terms().name())
        .host(found.terms().host())
        .port(found.terms().port())
        .userName(found.terms().userName())
        .dateCreated(found.created())
        .dateModified(found.modified())
        .build();
  }
}
