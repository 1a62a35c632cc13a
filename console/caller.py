"""Who types: the caller as AWS knows it, never what somebody says on a command line."""


def arn() -> str:
    """The ARN of the credentials in use: an IAM user, or an assumed role with its session's name.

    Two sessions of one role are two people where the session's name is the person's, as with IAM Identity Center; a
    role that people assume by themselves must pin `sts:RoleSessionName` in its trust policy (docs/security.md).
    """
    from chalicelib import aws

    return str(aws.client("sts").get_caller_identity()["Arn"])
