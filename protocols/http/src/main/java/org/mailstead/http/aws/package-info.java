/// What other AWS-shaped services are asked with: Signature Version 4, an S3 client and a client of
/// the key management API. Knows the records of `http` and nothing of its engine; no AWS SDK.
///
/// Start reading at [Bucket], [S3Bucket] and [AwsClient].
@NullMarked
package org.mailstead.http.aws;

import org.jspecify.annotations.NullMarked;
