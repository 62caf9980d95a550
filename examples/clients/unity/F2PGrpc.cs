// The same over gRPC, with progress, where sockets are allowed (not WebGL): Grpc.Net.Client, YetAnotherHttpHandler for HTTP/2 in
// Unity, and the classes that protoc writes from proto/f2p/v1 (namespace F2P.V1).
using System;
using System.Threading;
using System.Threading.Tasks;
using Cysharp.Net.Http;
using F2P.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

public static class F2PGrpc
{
    /// <summary>A photo to a character; `progress` gets every message on the way. Throws RpcException.</summary>
    public static async Task<Character> Create(string server, byte[] photo, Action<Progress> progress, CancellationToken stop)
    {
        var request = new StreamCreateCharacterRequest { Photo = ByteString.CopyFrom(photo), Options = new CreateOptions() };
        using (var handler = new YetAnotherHttpHandler { Http2Only = true })
        using (var channel = GrpcChannel.ForAddress(server, new GrpcChannelOptions { HttpHandler = handler }))
        using (var call = new CharacterService.CharacterServiceClient(channel)
            .StreamCreateCharacter(request, deadline: DateTime.UtcNow.AddMinutes(2), cancellationToken: stop))
        {
            while (await call.ResponseStream.MoveNext(stop))
            {
                var message = call.ResponseStream.Current;
                if (message.EventCase == StreamCreateCharacterResponse.EventOneofCase.Character) return message.Character;
                progress(message.Progress);
            }
        }
        throw new RpcException(new Status(StatusCode.Internal, "The stream ended without a character."));
    }

    /// <summary>The reason of docs/errors.md, such as NO_FACE.</summary>
    public static string Reason(RpcException error) => error.Trailers.GetValue("f2p-reason") ?? error.StatusCode.ToString();
}
