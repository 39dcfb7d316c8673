"""Files as objects: what programs in a server do without any configuration."""

from stacks.journey.day import Day, SkippedError, expect, given

_WRITE_OBJECT = """
import json, os
def objects():
    if 'AWS_ENDPOINT_URL_S3' not in os.environ or 'AWS_CONFIG_FILE' not in os.environ:
        return None
    import boto3
    s3 = boto3.client('s3')
    s3.put_object(Bucket='home', Key='{marker}/object', Body=b'by S3')
    path = os.path.expanduser('~/{marker}/object')
    with open(path) as file:
        seen = file.read()
    with open(path, 'w') as file:
        file.write('by a shell')
    return {{
        'buckets': [bucket['Name'] for bucket in s3.list_buckets()['Buckets']],
        'file': seen,
        'object': s3.get_object(Bucket='home', Key='{marker}/object')['Body'].read().decode(),
        'key': boto3.Session().get_credentials().access_key,
    }}
print(json.dumps(objects()))
"""

_STEAL_OBJECT = """
import json
import boto3
from botocore.exceptions import ClientError
def refusal(**keys):
    try:
        boto3.client('s3', **keys).get_object(Bucket='home', Key='{marker}/object')
    except ClientError as error:
        return error.response['Error']['Code']
    return 'it was read'
own = boto3.Session().get_credentials()
print(json.dumps([refusal(), refusal(aws_access_key_id='{key}', aws_secret_access_key=own.secret_key)]))
"""


def written(day: Day) -> str:
    """Check that a notebook's object is a file at once, and the other way round."""
    found = day.ask(day.cast.traveller, _WRITE_OBJECT.format(marker=day.marker))
    if found is None:
        raise SkippedError("the site has no S3 door")
    expect(
        (found["file"], found["object"]) == ("by S3", "by a shell"),
        f"the file reads {found['file']!r}, the object {found['object']!r}",
    )
    day.notes["key"] = found["key"]
    return f"buckets: {', '.join(found['buckets'])}"


def unseen_by_others(day: Day) -> str:
    """Check that another user has neither the object nor any use of the key."""
    other = given(day.cast.other, "another user")
    if "key" not in day.notes:
        raise SkippedError("the site has no S3 door")
    found = day.ask(other, _STEAL_OBJECT.format(marker=day.marker, key=day.notes["key"]))
    expect(found == ["NoSuchKey", "SignatureDoesNotMatch"], f"another user was told: {', '.join(found)}")
    return "no such object, and no use of the key"
