"""An AWS on loopback (moto) for the end-to-end tests that `.ci/run` calls: installed by name, started, stopped."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

PACKAGES = ["moto[server]==5.*", "boto3"]


def need(module, packages):
    """Installs packages of Python unless they are there."""
    try:
        __import__(module)
    except ImportError:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *packages], check=True)


need("moto.server", PACKAGES)
import boto3  # noqa: E402


@contextlib.contextmanager
def server():
    """The environment in which programs reach it."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    run = "import sys; from moto.server import main; main(sys.argv[1:])"
    moto = subprocess.Popen(
        [sys.executable, "-c", run, "-H", "127.0.0.1", "-p", str(port)],
        env=dict(env, MOTO_IAM_LOAD_MANAGED_POLICIES="true"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(240):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if moto.poll() is not None:
                raise SystemExit("the server did not start")
            time.sleep(0.25)
        yield dict(
            env,
            AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}",
            AWS_ACCESS_KEY_ID="test",
            AWS_SECRET_ACCESS_KEY="test",
            AWS_REGION="us-east-1",
            AWS_DEFAULT_REGION="us-east-1",
            AWS_EC2_METADATA_DISABLED="true",
        )
    finally:
        moto.send_signal(signal.SIGTERM)
        moto.wait(30)


def client(env, service, account=None):
    """A client for the account of the credentials, or for another by its role."""
    session = boto3.Session(
        aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
        region_name=env["AWS_REGION"],
    )
    url = env["AWS_ENDPOINT_URL"]
    if account is None:
        return session.client(service, endpoint_url=url)
    role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    given = session.client("sts", endpoint_url=url).assume_role(RoleArn=role, RoleSessionName="setup")["Credentials"]
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=env["AWS_REGION"],
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )


def user(iam, name, password=False, devices=(), groups=(), attached=(), inline=None, keys=0):
    """Makes a user as it is described."""
    iam.create_user(UserName=name)
    if password:
        iam.create_login_profile(UserName=name, Password="Not-a-secret-1!")
    for serial in devices:
        if serial == "virtual":
            made = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)
            serial = made["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(
            UserName=name, SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321"
        )
    for group in groups:
        iam.add_user_to_group(GroupName=group, UserName=name)
    for arn in attached:
        iam.attach_user_policy(UserName=name, PolicyArn=arn)
    if inline:
        iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=inline)
    for _ in range(keys):
        iam.create_access_key(UserName=name)
