"""Staff groups, read from Cognito."""

from __future__ import annotations

from services.common.aws import client


class StaffDirectory:
    """The groups of accounts in the user pool."""

    def __init__(self, pool_id: str) -> None:
        self._pool_id = pool_id

    def groups_of(self, user_id: str) -> frozenset[str]:
        """Names of the groups that the person is in; none when the account is gone.

        One page: Cognito gives at most 60 groups at a time, and this network has three.
        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminListGroupsForUser.html
        """
        cognito = client("cognito-idp")
        try:
            found = cognito.admin_list_groups_for_user(UserPoolId=self._pool_id, Username=user_id, Limit=60)
        except cognito.exceptions.UserNotFoundException:
            return frozenset()
        return frozenset(group["GroupName"] for group in found["Groups"])
