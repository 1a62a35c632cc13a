"""Two bare Chalice routes on the local AWS, in a stack of their own: what a request costs without Envoi.

One does nothing, the other only sends its body to a queue by boto3. Each logs one line, as the webhook does: the local
AWS waits 50 ms after a function that logs none.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from local.stack import Stack

NAME = "bench-empty"
EMPTY, SEND = "/empty", "/send"
APP = f"""
import os

import boto3
from chalice import Chalice, Response

app = Chalice(app_name="{NAME}")
sqs = boto3.client("sqs")


@app.route("{EMPTY}", methods=["POST"], content_types=["application/json"])
def empty():
    return answer()


@app.route("{SEND}", methods=["POST"], content_types=["application/json"])
def send():
    body = app.current_request.raw_body.decode()
    sqs.send_message_batch(QueueUrl=os.environ["QUEUE_URL"], Entries=[{{"Id": "0", "MessageBody": body}}])
    return answer()


def answer():
    print('{{"message": "answered"}}')
    return Response(body="", status_code=200, headers={{"Content-Type": "text/plain"}})
"""
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["logs:*", "sqs:*", "kms:*"], "Resource": "*"}],
}
CONFIG = {
    "version": "2.0",
    "app_name": NAME,
    "lambda_memory_size": 1024,
    "lambda_timeout": 20,
    "api_gateway_endpoint_type": "REGIONAL",
    "autogen_policy": False,
    "iam_policy_file": "policy.json",
    "stages": {"local": {"api_gateway_stage": "api"}},
}


def deploy(stack: Stack, home: Path) -> str:
    """Package and deploy them onto a running local AWS and return their address; they go when that AWS goes."""
    built = _package(stack, home)
    s3, cloudformation = stack.client("s3"), stack.client("cloudformation")
    s3.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": stack.region})
    s3.put_object(Bucket=NAME, Key="code.zip", Body=(built / "deployment.zip").read_bytes())
    template = _template(built / "sam.json")
    capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
    cloudformation.create_stack(StackName=NAME, TemplateBody=json.dumps(template), Capabilities=capabilities)
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    return f"{stack.aws_endpoint_url}/_aws/execute-api/{NAME}/api"


def _package(stack: Stack, home: Path) -> Path:
    project, built = home / "empty", home / "empty-package"
    (project / ".chalice").mkdir(parents=True)
    (project / "app.py").write_text(APP)
    (project / "requirements.txt").write_text("")
    (project / ".chalice" / "policy.json").write_text(json.dumps(POLICY))
    settings = CONFIG | {"environment_variables": {"QUEUE_URL": stack.inbox_url}}
    (project / ".chalice" / "config.json").write_text(json.dumps(settings))
    command = [str(Path(sys.executable).parent / "chalice"), "--project-dir", str(project), "package"]
    subprocess.run(
        [*command, "--stage", "local", "--pkg-format", "cloudformation", str(built)],
        env={"AWS_DEFAULT_REGION": "eu-west-3"} | os.environ,
        capture_output=True,
        check=True,
    )
    return built


def _template(file: Path) -> dict[str, Any]:
    template: dict[str, Any] = json.loads(file.read_text())
    resources = template["Resources"]
    resources["APIHandler"]["Properties"]["CodeUri"] = f"s3://{NAME}/code.zip"
    # The emulator's own tag: the API's address is then known.
    resources["RestAPI"]["Properties"] |= {"Tags": {"ms-custom-id": NAME}, "PropagateTags": True}
    return template
